module hive-scales

go 1.25
