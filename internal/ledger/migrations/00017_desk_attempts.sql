-- +goose Up
-- What the desk calls the last thing it was given of a conversation: what is looked for there after a lost answer came after it.
alter table handoffs add column desk_last text not null default '';
-- How many of the customer's messages the desk does not take, and when it said so of each; 0 where it did not.
alter table handoffs add column desk_refused bigint not null default 0;
alter table replies add column desk_refused bigint not null default 0;

-- +goose Down
alter table replies drop column desk_refused;
alter table handoffs drop column desk_refused;
alter table handoffs drop column desk_last;
