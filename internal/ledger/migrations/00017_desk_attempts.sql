-- +goose Up
-- What the desk calls the last thing it was given of a conversation: what is looked for there after a lost answer came after it.
alter table handoffs add column desk_last text not null default '';

-- +goose Down
alter table handoffs drop column desk_last;
