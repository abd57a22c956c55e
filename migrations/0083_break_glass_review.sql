-- What a supervisor says of an emergency access stands in the Task that asks for the review, and nowhere a second time.
alter table access_glass drop column review, drop column review_note, drop column reviewed_by, drop column reviewed_at;
