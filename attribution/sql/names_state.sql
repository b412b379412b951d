-- One text for all names: it is another one as soon as one of them changes, comes or goes.
SELECT concat_ws('/',
    (SELECT concat(count(*), ':', sum(hashtextextended(name, id))) FROM tenant),
    (SELECT concat(count(*), ':', sum(hashtextextended(name, id))) FROM service),
    (SELECT concat(count(*), ':', sum(hashtextextended(name, id))) FROM served_model),
    (SELECT concat(count(*), ':', sum(hashtextextended(name, id))) FROM cluster),
    (SELECT concat(count(*), ':', sum(hashtextextended(name, id))) FROM pool))
