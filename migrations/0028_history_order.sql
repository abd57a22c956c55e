-- The order in which versions were written, also within one millisecond: a replay must take them in it.
alter table fhir_history add column seq bigint generated always as identity;
