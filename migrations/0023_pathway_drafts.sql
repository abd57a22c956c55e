-- Drafts of pathways, their way through review, and which version is live where.
create table pathway_draft (
  tenant_id text not null collate "C",
  id text not null collate "C",
  pathway text not null collate "C",
  status text not null check (status in ('draft', 'in-review', 'approved', 'published', 'discarded')),
  -- Counts the saves. A save names the revision it was made from.
  revision int not null,
  -- The newest version when it was begun, or the one that somebody has taken in since; null: the pathway was new.
  based_on int,
  -- The old version whose text it brings back.
  restores int,
  source text not null,
  templates jsonb not null,
  scenarios jsonb not null,
  -- Of each part the revision that last changed it, and who that was: a save of one part is not stale for a change of another.
  parts jsonb not null,
  note text not null,
  begun_at timestamptz not null,
  changed_at timestamptz not null,
  last_writer jsonb not null,
  writers jsonb not null,
  -- Who asked for the review and who approved, with the time; null again when it is sent back.
  asked jsonb,
  approved jsonb,
  -- What it became.
  version int,
  primary key (tenant_id, id)
);
create index pathway_draft_of on pathway_draft (tenant_id, pathway, changed_at);
select guard('pathway_draft', 'select, insert, update');

create table pathway_comment (
  tenant_id text not null collate "C",
  draft text not null collate "C",
  id text not null collate "C",
  -- Where in the definition: `tracks.intake.steps.triage`; empty for the whole.
  path text not null,
  text text not null,
  author jsonb not null,
  at timestamptz not null,
  resolved jsonb,
  primary key (tenant_id, draft, id)
);
select guard('pathway_comment', 'select, insert, update');

-- What happened to a pathway's drafts and versions, for good.
create table pathway_change (
  tenant_id text not null collate "C",
  pathway text not null collate "C",
  id text not null collate "C",
  at timestamptz not null,
  act text not null,
  by_whom jsonb not null,
  draft text collate "C",
  version int,
  -- Null: all clinics.
  clinics jsonb,
  note text not null,
  primary key (tenant_id, pathway, id)
);
select guard('pathway_change', 'select, insert');

-- Clinics that have another version live than the one that is live for all.
create table pathway_clinic (
  tenant_id text not null collate "C",
  pathway text not null collate "C",
  -- `Organization/…` or `Location/…`.
  clinic text not null collate "C",
  version int not null,
  primary key (tenant_id, pathway, clinic)
);
select guard('pathway_clinic');

-- A version keeps with its text the messages and scenarios it was published with, and who answers for it.
alter table pathway_version
  add column templates jsonb not null default '[]',
  add column scenarios jsonb not null default '[]',
  add column draft text collate "C",
  add column restores int,
  add column publisher text,
  add column writers jsonb not null default '[]',
  add column approved jsonb,
  -- Why one person alone brought an old version back, and who has looked at it since.
  add column emergency text,
  add column seconded jsonb;
