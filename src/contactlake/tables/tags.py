"""The tags of the instance's resources. Only imported: no stream carries them."""

from contactlake.model.table import Column, Table
from contactlake.model.types import STRING, TIMESTAMP, Map
from contactlake.tables._shapes import aws_account_id, instance_arn, instance_id, processed_at

AMAZON_CONNECT_RESOURCE_TAGS = Table(
    name="amazon_connect_resource_tags",
    doc="The tags that resources carry, a row for every time they were recorded.",
    columns=(
        instance_id("tagged resource"),
        aws_account_id("tagged resource", required=True),
        instance_arn("tagged resource"),
        Column(
            "record_creation_timestamp",
            TIMESTAMP,
            doc="When these tags were recorded; its UTC day is the partition.",
            required=True,
        ),
        Column("resource_arn", STRING, doc="ARN of the resource that carries the tags.", required=True),
        Column("tags", Map(STRING), doc="The tags, key to value."),
        processed_at("tag record"),
    ),
    primary_key=("instance_id", "aws_account_id", "resource_arn", "record_creation_timestamp"),
    partition_by="record_creation_timestamp",
)
