-- +goose Up
-- What is still to be handed to the merchant's desk, in order: a handoff itself, or what its customer has written since.
create table desk_outbox (
    seq        integer primary key,
    merchant   text    not null,
    handoff    text    not null,
    reply      text    not null, -- '' for the handoff itself
    created_at bigint  not null,
    due        bigint  not null,
    attempts   integer not null default 0,
    unique (merchant, handoff, reply)
);
create index desk_outbox_due on desk_outbox (due);
-- What the desk calls the conversation, and how it is going: '' without a desk, waiting, reached, given_up.
alter table handoffs add column desk_ref text not null default '';
alter table handoffs add column desk_state text not null default '';
alter table handoffs add column desk_failing bigint not null default 0;

-- +goose Down
alter table handoffs drop column desk_failing;
alter table handoffs drop column desk_state;
alter table handoffs drop column desk_ref;
drop table desk_outbox;
