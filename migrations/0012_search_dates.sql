-- A day and whatever is shorter is what most dates are. A search for what ends after a moment begins a day before it, and
-- finds the few longer ones here: with 31 days as the border, it met a month of other rows first.
drop index fhir_date_long;
create index fhir_date_long on fhir_date (tenant_id, type, param, high, id, low) where high - low > 86400000;
