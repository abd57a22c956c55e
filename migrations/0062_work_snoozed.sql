-- A task that somebody put off: out of the lists until that moment, and back by itself.
alter table work_item add column hidden_until timestamptz;
alter table work_queue add column hidden_until timestamptz;
