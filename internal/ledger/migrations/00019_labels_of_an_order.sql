-- +goose Up
-- With all columns in it: an index that has only the first two loses against the primary key, and every order stored goes
-- through all labels of its merchant.
drop index labels_by_order;
create index labels_by_order on labels (merchant, order_id, number, carrier);

-- +goose Down
drop index labels_by_order;
create index labels_by_order on labels (merchant, order_id);
