-- +goose Up
-- What the desk calls the last thing it was given of a conversation: what is looked for there after a lost answer came after it.
alter table handoffs add column desk_last text not null default '';
-- How many of the customer's messages the desk does not take, and when it said so of each; 0 where it did not.
alter table handoffs add column desk_refused bigint not null default 0;
alter table replies add column desk_refused bigint not null default 0;
-- When the desk first had the conversation; 0 while it has nothing of it. Of those before this it is not known, and taken to have been at once.
alter table handoffs add column desk_at bigint not null default 0;
update handoffs set desk_at = created_at where desk_state = 'reached' or desk_ref <> '';

-- +goose Down
alter table handoffs drop column desk_at;
alter table replies drop column desk_refused;
alter table handoffs drop column desk_refused;
alter table handoffs drop column desk_last;
