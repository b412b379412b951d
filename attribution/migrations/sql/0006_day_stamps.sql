-- A number that is new whenever the days of a cluster are worked out anew. Whoever keeps an answer about some
-- days asks for their stamps first, and sees at once that it is old.
CREATE SEQUENCE day_stamp_number;
CREATE TABLE day_stamp (
    day date NOT NULL,
    cluster_id integer NOT NULL,
    stamp bigint NOT NULL DEFAULT nextval('day_stamp_number'),
    PRIMARY KEY (day, cluster_id)
);
INSERT INTO day_stamp (day, cluster_id)
SELECT day, cluster_id FROM daily_cost GROUP BY 1, 2 UNION SELECT day, cluster_id FROM daily_usage GROUP BY 1, 2;
