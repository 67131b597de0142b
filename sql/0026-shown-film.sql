-- The copy of a film that everybody may have: without the words it was made from, which its own file holds.
ALTER TABLE media MODIFY kind ENUM('result','thumb','upload','source','view','shown') NOT NULL;
