-- What sources called those whom they counted, in some hours.
SELECT DISTINCT cluster_id, service_label_id, model_id
  FROM usage_hour WHERE hour >= %(start)s AND hour < %(end)s
