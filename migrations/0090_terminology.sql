-- A code system in one version. Versions stand side by side; the current one of a url is meant when no version is named.
create table term_system (
  tenant_id text not null collate "C",
  id integer not null,
  url text not null collate "C",
  version text not null collate "C",
  -- Where it came from: shipped, resource, icd-10-cm, loinc, rxnorm, snomed-ct, cpt.
  kind text not null,
  title text not null,
  -- As CodeSystem.content: complete, fragment, example.
  content text not null,
  -- Not seen before all of it is there.
  ready boolean not null default false,
  current boolean not null default false,
  concepts integer not null default 0,
  -- The CodeSystem of the record that it was made from.
  resource_id text collate "C",
  loaded_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
create index term_system_url on term_system (tenant_id, url, version);
select guard('term_system');

-- The numbers run in the order in which a person who searches should see the concepts: the shortest display first in what
-- was loaded, as defined in what is a resource. Row-level security lets only plain comparisons reach an index, so that
-- everything that is looked for has a table with a B-tree of its own.
create table term_concept (
  tenant_id text not null collate "C",
  system integer not null,
  ord integer not null,
  code text not null collate "C",
  display text not null,
  active boolean not null,
  -- Groups others and is not to be chosen.
  abstract boolean not null,
  -- Every word of its names, folded, with a space before each.
  words text not null,
  -- JSON: definition, designations, properties.
  extra text,
  primary key (tenant_id, system, ord)
);
create unique index term_concept_code on term_concept (tenant_id, system, code);
select guard('term_concept');

create table term_word (
  tenant_id text not null collate "C",
  system integer not null,
  word text not null collate "C",
  ord integer not null,
  primary key (tenant_id, system, word, ord)
);
select guard('term_word');

-- Each word once, with how many concepts have it: what a prefix is turned into words by.
create table term_vocabulary (
  tenant_id text not null collate "C",
  system integer not null,
  word text not null collate "C",
  concepts integer not null,
  primary key (tenant_id, system, word)
);
select guard('term_vocabulary');

-- Every concept with all that are above it, however far.
create table term_ancestor (
  tenant_id text not null collate "C",
  system integer not null,
  ancestor integer not null,
  descendant integer not null,
  direct boolean not null,
  primary key (tenant_id, system, ancestor, descendant)
);
create index term_ancestor_up on term_ancestor (tenant_id, system, descendant, ancestor);
select guard('term_ancestor');

create table term_property (
  tenant_id text not null collate "C",
  system integer not null,
  property text not null collate "C",
  value text not null collate "C",
  ord integer not null,
  primary key (tenant_id, system, property, value, ord)
);
select guard('term_property');

create table term_value_set (
  tenant_id text not null collate "C",
  url text not null collate "C",
  version text not null collate "C",
  kind text not null,
  title text not null,
  -- The system whose load brought it, to go with it.
  system integer,
  resource_id text collate "C",
  -- A FHIR ValueSet.
  content text not null,
  loaded_at timestamptz not null default now(),
  primary key (tenant_id, url, version)
);
create index term_value_set_resource on term_value_set (tenant_id, resource_id);
select guard('term_value_set');

create table term_map (
  tenant_id text not null collate "C",
  id integer not null,
  url text not null collate "C",
  version text not null collate "C",
  kind text not null,
  title text not null,
  -- Value sets that it leads from and to.
  source text collate "C",
  target text collate "C",
  system integer,
  resource_id text collate "C",
  primary key (tenant_id, id)
);
create index term_map_url on term_map (tenant_id, url, version);
select guard('term_map');

create table term_map_entry (
  tenant_id text not null collate "C",
  map integer not null,
  source_system text not null collate "C",
  source_code text not null collate "C",
  n integer not null,
  target_system text not null collate "C",
  -- Empty: said to have no target.
  target_code text not null collate "C",
  display text,
  -- As ConceptMap.group.element.target.equivalence.
  equivalence text not null,
  comment text,
  primary key (tenant_id, map, source_system, source_code, n)
);
create index term_map_entry_back on term_map_entry (tenant_id, map, target_system, target_code);
select guard('term_map_entry');

-- A load under way or over, for whoever watches it.
create table term_load (
  tenant_id text not null collate "C",
  id text not null collate "C",
  kind text not null,
  -- Name of the file or folder, without what is above it.
  source text not null,
  status text not null check (status in ('running', 'done', 'failed')),
  phase text not null,
  done integer not null default 0,
  total integer not null default 0,
  system integer,
  fault text,
  started_by text not null,
  started_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
select guard('term_load');

-- That somebody has read the owner's terms and says that the organisation has its licence.
create table term_licence (
  tenant_id text not null collate "C",
  kind text not null collate "C",
  notice text not null,
  by_account text not null,
  at timestamptz not null default now(),
  primary key (tenant_id, kind)
);
select guard('term_licence', 'select, insert, update');
