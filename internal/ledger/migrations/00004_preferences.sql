-- +goose Up
-- What a person chose on their own page. The shop's PUT of a person does not touch it.
create table preferences (
    merchant   text   not null,
    person     text   not null,
    data       text   not null,
    updated_at bigint not null,
    primary key (merchant, person)
);

-- +goose Down
drop table preferences;
