-- +goose Up
-- What the assistant made of what somebody wrote; '' where it did not read it.
alter table replies add column outcome text not null default '';
alter table replies add column intent text not null default '';
alter table replies add column lang text not null default '';
alter table replies add column confidence double precision not null default 0;
alter table replies add column order_id text not null default '';
create index replies_heard on replies (merchant, at) where outcome <> '';

-- +goose Down
drop index replies_heard;
alter table replies drop column order_id;
alter table replies drop column confidence;
alter table replies drop column lang;
alter table replies drop column intent;
alter table replies drop column outcome;
