-- A replay may look at one clinic alone: an Organization or a Location.
alter table replay add column clinic text collate "C";
