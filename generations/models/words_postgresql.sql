-- Full text on PostgreSQL: see words.py. It may run any number of times.

-- Thirty days of sort keys, by number. The first and the last of them go on without end.
CREATE OR REPLACE FUNCTION generations_stretch(sort_key bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$ SELECT least(greatest(sort_key / 41472000000000, 535), 1065) $$;

-- The words of a text, each with its prefix. Signs and pictures part them, by their code points:
-- classes of characters depend on the database's locale, and one of "C" knows no letters beyond ASCII.
CREATE OR REPLACE FUNCTION generations_words(prefix text, body text) RETURNS tsvector
LANGUAGE sql IMMUTABLE AS $$
  SELECT array_to_tsvector(ARRAY[prefix]) || to_tsvector('pg_catalog.simple', regexp_replace(
    regexp_replace(body, '[\u0001-\u002F\u003A-\u0040\u005B-\u0060\u007B-\u00A9\u00AB-\u00B1\u00B4\u00B6-\u00B8\u00BB\u00BF\u00D7\u00F7\u2000-\u2BFF\u2E00-\u2E7F\u3000-\u3003\u3008-\u3020\u3030\uFE10-\uFE6F\uFF01-\uFF0F\uFF1A-\uFF20\uFF3B-\uFF40\uFF5B-\uFF65\U0001F000-\U0001FAFF]+', ' ', 'g'),
    '[^ ]+', prefix || 'x\&', 'g')) $$;

ALTER TABLE generations_imagetext ADD COLUMN IF NOT EXISTS words tsvector
GENERATED ALWAYS AS (
  generations_words(scope || 's' || generations_stretch(sort_key)::text, body)) STORED;

CREATE INDEX IF NOT EXISTS image_text_words
ON generations_imagetext USING gin (words) WITH (fastupdate = off);

CREATE OR REPLACE FUNCTION generations_write_image_text() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN {new_row}; ELSE {changed_row}; END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER image_text_insert AFTER INSERT ON generations_image
FOR EACH ROW EXECUTE FUNCTION generations_write_image_text();

CREATE OR REPLACE TRIGGER image_text_update AFTER {changes}
FOR EACH ROW EXECUTE FUNCTION generations_write_image_text();

-- What is asked of one stretch of time, "~" standing for it, asked of each.
CREATE OR REPLACE FUNCTION generations_asked(asked text, first bigint, last bigint) RETURNS tsquery
LANGUAGE sql STABLE AS $$
  SELECT to_tsquery('pg_catalog.simple', string_agg(replace(asked, '~', stretch::text), ' | '))
  FROM generate_series(first, last) stretch $$;

-- PostgreSQL guesses that a word's beginning is in far more texts than it is, and what it would do
-- about that (read a whole table, start helpers, compile) takes a hundred times as long as a search.
-- So the ways are prescribed here.

-- Every picture found in some stretches; without ends, in all of a scope's.
CREATE OR REPLACE FUNCTION generations_found(asked text, whose text, first bigint, last bigint)
RETURNS SETOF uuid LANGUAGE sql STABLE PARALLEL UNSAFE ROWS 100
SET enable_seqscan = off SET jit = off AS $$
  SELECT image_id FROM generations_imagetext
  WHERE words @@ (SELECT generations_asked(asked,
    coalesce(first, (SELECT generations_stretch(sort_key) FROM generations_imagetext
                     WHERE scope = whose ORDER BY sort_key LIMIT 1)),
    coalesce(last, (SELECT generations_stretch(sort_key) FROM generations_imagetext
                    WHERE scope = whose ORDER BY sort_key DESC LIMIT 1)))) $$;

-- The newest pictures found between two sort keys, those in the trash left out. The newest few texts
-- are looked at one by one, which is enough for every common word; then the index is asked, for ever
-- longer stretches of time.
CREATE OR REPLACE FUNCTION generations_newest_found
  (asked text, whose text, low bigint, high bigint, wanted bigint, looked_at bigint)
RETURNS SETOF uuid LANGUAGE plpgsql STABLE PARALLEL UNSAFE ROWS 100
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  newest bigint; oldest bigint; -- stretches
  first bigint; -- a key, then a stretch
  length bigint := 1;
  several bigint;
BEGIN
  SELECT sort_key INTO low FROM generations_imagetext
  WHERE scope = whose AND sort_key >= low ORDER BY sort_key LIMIT 1;
  SELECT sort_key INTO high FROM generations_imagetext
  WHERE scope = whose AND sort_key <= high ORDER BY sort_key DESC LIMIT 1;
  oldest := generations_stretch(low);
  newest := generations_stretch(high);

  -- The newest few that are all of one stretch.
  SELECT min(sort_key) INTO first FROM (
    SELECT sort_key FROM generations_imagetext
    WHERE scope = whose AND sort_key BETWEEN low AND high
    ORDER BY sort_key DESC LIMIT looked_at) few
  WHERE generations_stretch(sort_key) = newest;
  RETURN QUERY SELECT image.id FROM (
    SELECT image_id, sort_key, words FROM generations_imagetext
    WHERE scope = whose AND sort_key BETWEEN first AND high
    ORDER BY sort_key DESC LIMIT looked_at) few
  JOIN generations_image image
    ON image.id = few.image_id AND image.trashed_at IS NULL AND NOT image.is_hidden
  WHERE words @@ (SELECT generations_asked(asked, newest, newest))
  ORDER BY few.sort_key DESC LIMIT wanted;
  GET DIAGNOSTICS several = ROW_COUNT;
  wanted := wanted - several;
  high := first - 1;

  WHILE wanted > 0 AND newest >= oldest LOOP
    first := greatest(newest - length + 1, oldest);
    RETURN QUERY SELECT image.id FROM (
      SELECT image_id, sort_key FROM generations_imagetext
      WHERE words @@ (SELECT generations_asked(asked, first, newest))
        AND sort_key BETWEEN low AND high
      ORDER BY sort_key DESC OFFSET 0) every
    JOIN generations_image image
      ON image.id = every.image_id AND image.trashed_at IS NULL AND NOT image.is_hidden
    ORDER BY every.sort_key DESC LIMIT wanted;
    GET DIAGNOSTICS several = ROW_COUNT;
    wanted := wanted - several;
    newest := first - 1;
    length := length * 4;
  END LOOP;
END $$;
