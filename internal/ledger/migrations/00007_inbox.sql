-- +goose Up
-- When a message was shown in the list, which is less than read, and when its owner put it away. What was read from before
-- has been seen.
alter table inbox add column seen_at bigint not null default 0;
alter table inbox add column archived_at bigint not null default 0;
update inbox set seen_at = read_at where read_at <> 0;

-- +goose Down
alter table inbox drop column archived_at;
alter table inbox drop column seen_at;
