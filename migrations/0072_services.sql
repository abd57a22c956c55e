-- Which live services name a pathway: kept true in the transaction that writes the ActivityDefinition.
create table service_pathway (
  tenant_id text not null collate "C",
  pathway text not null collate "C",
  service text not null collate "C",
  -- Of the ActivityDefinition.
  id text not null collate "C",
  primary key (tenant_id, pathway, service, id)
);
create index service_pathway_of on service_pathway (tenant_id, id);
select guard('service_pathway');
