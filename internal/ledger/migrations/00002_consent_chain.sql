-- +goose Up
-- Acts of consent form a chain for each person, and one for each address: seq counts along it, data holds the hashes. Rows
-- from before have seq 0 and stand outside of it.
alter table consents add column seq bigint not null default 0;
alter table address_consents add column seq bigint not null default 0;

-- +goose Down
alter table address_consents drop column seq;
alter table consents drop column seq;
