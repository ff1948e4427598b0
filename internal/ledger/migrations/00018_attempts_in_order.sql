-- +goose Up
-- Which of a delivery's calls it was: two may begin in the same millisecond.
alter table attempts add column seq bigint not null default 0;

-- +goose Down
alter table attempts drop column seq;
