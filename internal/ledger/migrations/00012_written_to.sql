-- +goose Up
-- Which of the merchant's accounts somebody wrote to; '' for an only one.
alter table replies add column sender text not null default '';
-- LINE's token by which an answer goes without counting to the quota; '' once it is used, and where there is none.
alter table deliveries add column reply_token text not null default '';

-- +goose Down
alter table deliveries drop column reply_token;
alter table replies drop column sender;
