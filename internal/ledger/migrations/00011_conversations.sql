-- +goose Up
-- What is remembered of a conversation with one person on one channel.
create table conversations (
    merchant   text   not null,
    person     text   not null,
    channel    text   not null,
    talk       text   not null,
    updated_at bigint not null,
    primary key (merchant, person, channel)
);
create index conversations_by_age on conversations (updated_at);

-- Conversations that a person of the merchant's own is to see to. The last message is in replies.
create table handoffs (
    id         text   not null primary key,
    merchant   text   not null,
    person     text   not null,
    channel    text   not null,
    reason     text   not null,
    order_id   text   not null,
    created_at bigint not null,
    closed_at  bigint not null default 0
);
create index handoffs_open on handoffs (merchant, created_at) where closed_at = 0;
create index handoffs_by_person on handoffs (merchant, person);

-- +goose Down
drop table handoffs;
drop table conversations;
