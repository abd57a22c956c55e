-- By which an event is found: each resource it touched or patient it is about (`Patient/1`, `account/…`) and who acted
-- (`agent/…`). Written after the chain, from its links, so that the act itself waits for none of it. Event ids begin with
-- their time, so that the key gives them in order.
create table audit_index (
  tenant_id text not null collate "C",
  value text not null collate "C",
  event text not null collate "C",
  primary key (tenant_id, value, event)
);
select guard('audit_index', 'select, insert');

-- How far the index has come.
create table audit_indexed (
  tenant_id text primary key collate "C",
  link bigint not null
);
select guard('audit_indexed', 'select, insert, update');
