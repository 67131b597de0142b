-- Changing from one monthly plan to another. What was offered at each price is kept, so that a month is granted as its invoice
-- was sold, in whatever order invoices come; the subscription has the terms of the newest month that is paid.
CREATE TABLE subscription_terms (
    id              BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    subscription_id BIGINT UNSIGNED NOT NULL,
    price           VARCHAR(255)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'of the processor',
    plan            VARCHAR(40)     NOT NULL,
    plan_name       VARCHAR(80)     NOT NULL COMMENT 'as it was offered',
    credits         BIGINT          NOT NULL COMMENT 'a month',
    amount          BIGINT          NOT NULL COMMENT 'a month',
    expires         ENUM('never','month') NOT NULL,
    refund_days     SMALLINT UNSIGNED NULL,
    offered_at      BIGINT          NOT NULL,
    KEY at_price (subscription_id, price, id),
    CONSTRAINT terms_subscription FOREIGN KEY (subscription_id) REFERENCES subscription (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

ALTER TABLE subscription
    ADD price      VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'of the processor: what these terms cost; NULL: not known yet',
    ADD next_price VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'from the next month on, where it is another';
