-- Numbers and quantities as searches go by them. `low` and `high` are as written (equal but for ranges and comparators);
-- `base_low` and `base_high` are in base units of the UCUM when the unit is understood, and `base` names those.
create table fhir_quantity (
  tenant_id text not null collate "C",
  type text not null collate "C",
  param text not null collate "C",
  id text not null collate "C",
  low float8 not null,
  high float8 not null,
  code text not null collate "C",
  system text not null collate "C",
  unit text not null collate "C",
  base text not null collate "C",
  base_low float8 not null,
  base_high float8 not null,
  primary key (tenant_id, type, param, id, low, high, code, system, unit)
);
create index fhir_quantity_base on fhir_quantity (tenant_id, type, param, base, base_low, id);
-- Most rows are one number. The few that are a range or open-ended are found by their upper end here.
create index fhir_quantity_wide on fhir_quantity (tenant_id, type, param, base, base_high, id) where base_high <> base_low;
select guard('fhir_quantity', 'select, insert, delete');

-- Most dates are an instant, a day or a month: whatever ends after a moment began at most 31 days before it, which
-- fhir_date_low finds. Longer ones are found by their end.
create index fhir_date_long on fhir_date (tenant_id, type, param, high, id, low) where high - low > 2678400000;

-- What the search rows of each type were made by: `rules` names the search parameters of the program that made them.
-- A type whose rules are not the program's has its rows made anew before the program serves (reindex).
create table fhir_indexed (
  tenant_id text not null collate "C",
  type text not null collate "C",
  rules text not null,
  primary key (tenant_id, type)
);
select guard('fhir_indexed', 'select, insert, update');
