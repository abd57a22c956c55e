-- A pathway may let the same key come again once its journey has ended: each time is an entry of its own.
alter table journey add column entry int not null default 1;
alter table journey drop constraint journey_tenant_id_pathway_key_key;
alter table journey add constraint journey_entry unique (tenant_id, pathway, key, entry);
