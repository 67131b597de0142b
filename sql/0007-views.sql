-- A second smaller copy of each result, for pages on wide and dense screens; `thumb` is the first.
ALTER TABLE media MODIFY kind ENUM('result','thumb','upload','source','view') NOT NULL;
