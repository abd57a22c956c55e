-- Whom a decision was about, in groups (service line, payer, language, age band, sex, rurality): as it was when it was asked, so
-- that what is said of groups later does not change with the record.
alter table automation_decision add column groups jsonb;
-- From what began the journey, by its own word, to the question.
alter table automation_decision add column lag_seconds int;
-- Decided by people alone, to show how it goes without the automation.
alter table automation_decision add column held_out boolean not null default false;
-- The share of patients, at random, for whom it only looks on after it went live.
alter table automation add column holdout double precision not null default 0 check (holdout >= 0 and holdout <= 0.5);
