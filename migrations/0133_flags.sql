-- Flags that hold automations down: who answers for each, until when it counts, and how it is proven to be gone.
create table automation_flag (
  tenant_id text not null collate "C",
  key text not null collate "C",
  automation text not null collate "C",
  owner text not null,
  clinical_owner text not null,
  -- The most that it lets the automation do, in its scope.
  allows text not null,
  scope text not null,
  -- From then on the automation only looks on, whoever forgot it.
  expires_at timestamptz not null,
  -- From then on the key may stand nowhere in the code.
  retire_at timestamptz not null,
  -- The test that shows that the code does without it.
  retirement_test text not null,
  changed_at timestamptz not null,
  changed_by text not null,
  primary key (tenant_id, key)
);
select guard('automation_flag');
