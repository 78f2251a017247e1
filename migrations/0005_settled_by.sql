-- The execution that has settled a reservation: only that one may have its estimate as its spend.
ALTER TABLE budget_reservations ADD COLUMN settled_by uuid;
