-- +goose Up
-- Browsers that asked to be told of what comes into an inbox. One belongs to whoever asked last. The id is a hash of the endpoint.
create table browsers (
    merchant   text   not null,
    id         text   not null,
    person     text   not null,
    endpoint   text   not null,
    key        text   not null,
    auth       text   not null,
    created_at bigint not null,
    primary key (merchant, id)
);
create index browsers_by_person on browsers (merchant, person);

-- Knocks at browsers' doors that are still to be made, one for each card and browser. One that is taken is deleted first: it is
-- rather not made than made twice.
create table knocks (
    merchant   text   not null,
    browser    text   not null,
    card       text   not null,
    due_at     bigint not null,
    expires_at bigint not null,
    urgency    text   not null,
    collapse   text   not null,
    tries      bigint not null,
    primary key (merchant, browser, card)
);
create index knocks_by_due on knocks (due_at);

-- +goose Down
drop table knocks;
drop table browsers;
