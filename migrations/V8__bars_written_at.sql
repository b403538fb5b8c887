-- When a bar was brought in, by the database's clock; null for those brought in before this was kept. Who gave it is `source`.
ALTER TABLE bars ADD COLUMN written_at timestamptz;
ALTER TABLE bars ALTER COLUMN written_at SET DEFAULT now();
