-- +goose Up
-- Under which rules, time zones and holidays a merchant's held deliveries were last judged.
create table editions (
    merchant text not null primary key,
    edition  text not null
);

-- +goose Down
drop table editions;
