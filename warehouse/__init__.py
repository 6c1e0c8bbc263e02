"""What dbt does not own: the server, the migrations, partitions, and the errors of all parts."""
