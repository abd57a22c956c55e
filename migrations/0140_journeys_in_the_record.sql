-- Journeys are read as CarePlans by patient. Active ones have journey_of_subject; ended ones get an index as they end.
create index journey_ended_of_subject on journey (tenant_id, subject, started_at) where status <> 'active';
