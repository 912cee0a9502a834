DROP INDEX payments_to_go_back;
DROP TABLE payment_decisions;
