-- Jobs are claimed kind by kind, each up to its own number of free hands.
create index job_lane on job (tenant_id, kind, run_at) where status = 'queued';
drop index job_due;
