-- The ground: tenants, and the guard that every later table passes through.
-- Run by the owner. The app role is neither owner nor superuser; it sees one tenant per transaction, the one named
-- by the setting throughline.tenant, which the db room sets with `set local`.

create function current_tenant() returns text
  language sql stable parallel safe
  return nullif(current_setting('throughline.tenant', true), '');

-- Enables and forces row-level security on a table whose key leads with tenant_id, and grants the app role `rights`.
create function guard(target text, rights text default 'select, insert, update, delete') returns void
  language plpgsql as $$
begin
  execute format('alter table %I enable row level security', target);
  execute format('alter table %I force row level security', target);
  execute format(
    'create policy one_tenant on %I using (tenant_id = current_tenant()) with check (tenant_id = current_tenant())',
    target);
  execute format('grant %s on %I to throughline_app', rights, target);
end
$$;

create table tenant (
  tenant_id text primary key collate "C" check (tenant_id ~ '^[a-z][a-z0-9-]{0,39}$'),
  name text not null,
  created_at timestamptz not null default now()
);
select guard('tenant', 'select, insert, update');

-- Workers must go round the tenants: this gives the ids and nothing else. The owner may read through forced
-- row-level security only by this policy.
create policy owner_reads on tenant for select to current_user using (true);
create function tenant_ids() returns setof text
  language sql stable security definer set search_path = throughline
  begin atomic
    select tenant_id from tenant order by tenant_id;
  end;
revoke all on function tenant_ids() from public;
grant execute on function tenant_ids() to throughline_app;
