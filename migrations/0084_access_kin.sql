-- Few people are patients of the place they work at, and each call asks whether this one is.
create index access_relation_kin on access_relation (tenant_id, who) where kind in ('self', 'kin');
