-- How long a member may ask for the money of unused credits: what the plan said when it was sold, so that a later change of the
-- configuration takes nothing from anybody.
ALTER TABLE purchase ADD refund_days SMALLINT UNSIGNED NULL
    COMMENT 'days after the payment; 0: never; NULL: sold before plans said it, billing.refund_days counts';
ALTER TABLE subscription ADD refund_days SMALLINT UNSIGNED NULL COMMENT 'of each of its months';
