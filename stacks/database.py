"""The stack of the database: PostgreSQL of RDS or Aurora, in the isolated subnets, without a password or a secret."""

from dataclasses import dataclass
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_rds as rds
from constructs import Construct

from constructs_lib import DatabaseTarget

PORT: Final = 5433
"""A port other than the default of PostgreSQL, which scanners try first."""
NAME: Final = "shop"
MASTER_USER: Final = "cache_admin"
APPLICATION_USER: Final = "shop"
# The major version alone: RDS chooses the minor version. It creates no database with a minor version that it withdrew.
_VERSION: Final = "17"
_STORAGE_GIB: Final = 20
_SECONDS_UNTIL_PAUSE: Final = 300
_AUTHENTICATION: Final = "iam-db-auth"


@dataclass(frozen=True, kw_only=True)
class DatabaseOptions:
    """The settings of the database that depend on the preset.

    :param instance_class: the DB instance class; not used for Aurora Serverless v2.
    :param capacity: the least and the most Aurora capacity units; a cluster with the least 0 pauses after 5 minutes
        without connections. Not used for a DB instance.
    :param copies: whether the database has a standby in another Availability Zone: Multi-AZ, or an Aurora reader.
    :param backup_retention_days: 1 to 35 for Aurora, 0 to 35 for a DB instance.
    :param deletion_protection: whether RDS refuses to delete the database.
    :param removal_policy: the removal policy of the data.
    """

    instance_class: str
    capacity: tuple[int, int]
    copies: bool
    backup_retention_days: int
    deletion_protection: bool
    removal_policy: cdk.RemovalPolicy


class DatabaseStack(cdk.Stack):
    """The stack of a database, with its subnet group, parameter group and security group.

    It uses L1 constructs, because `rds.DatabaseInstance` always creates a secret with a password.

    :param termination_protection: whether CloudFormation refuses to delete the stack.
    :param env: the account and the region.
    """

    def __init__(
        self, scope: Construct, id: str, *, termination_protection: bool, env: cdk.Environment | None = None
    ) -> None:
        super().__init__(
            scope,
            id,
            env=env,
            description="PostgreSQL database behind an ElastiCache cache",
            termination_protection=termination_protection,
        )
        # Strong references are exports, so CloudFormation refuses to remove a subnet that the database uses.
        cdk.CrossStackReferences.of(self).consume(cdk.ReferenceStrength.STRONG)

    def create_instance(
        self, vpc: ec2.IVpc, vpc_subnets: ec2.SubnetSelection, options: DatabaseOptions
    ) -> DatabaseTarget:
        """Create a DB instance of RDS for PostgreSQL."""
        group = self._security_group(vpc)
        parameters = rds.CfnDBParameterGroup(
            self, "Parameters", description=self.node.path, family=f"postgres{_VERSION}", parameters=_parameters()
        )
        database = rds.CfnDBInstance(
            Construct(self, "Database"),
            "Resource",
            engine="postgres",
            engine_version=_VERSION,
            db_instance_class=options.instance_class,
            allocated_storage=str(_STORAGE_GIB),
            storage_type="gp3",
            storage_encrypted=True,
            db_name=NAME,
            port=str(PORT),
            master_username=MASTER_USER,
            master_user_authentication_type=_AUTHENTICATION,
            enable_iam_database_authentication=True,
            db_subnet_group_name=self._subnet_group(vpc, vpc_subnets).ref,
            db_parameter_group_name=parameters.ref,
            vpc_security_groups=[group.security_group_id],
            publicly_accessible=False,
            multi_az=options.copies,
            backup_retention_period=options.backup_retention_days,
            delete_automated_backups=options.removal_policy is cdk.RemovalPolicy.DESTROY,
            deletion_protection=options.deletion_protection,
            copy_tags_to_snapshot=True,
            auto_minor_version_upgrade=True,
            enable_cloudwatch_logs_exports=["postgresql", "upgrade"],
        )
        # cfn-lint calls a major version deprecated as soon as one of its minor versions is.
        database.add_metadata("cfn-lint", {"config": {"ignore_checks": ["W3691"]}})
        database.apply_removal_policy(options.removal_policy)
        self._outputs(database.ref, database.attr_endpoint_address)
        return DatabaseTarget.of(
            host=database.attr_endpoint_address,
            port=PORT,
            resource_id=database.attr_dbi_resource_id,
            name=NAME,
            user=MASTER_USER,
            application_user=APPLICATION_USER,
            connectable=group,
        )

    def create_cluster(
        self, vpc: ec2.IVpc, vpc_subnets: ec2.SubnetSelection, options: DatabaseOptions
    ) -> DatabaseTarget:
        """Create an Aurora Serverless v2 cluster."""
        group = self._security_group(vpc)
        parameters = rds.CfnDBClusterParameterGroup(
            self,
            "Parameters",
            description=self.node.path,
            family=f"aurora-postgresql{_VERSION}",
            parameters=_parameters(),
        )
        least, most = options.capacity
        cluster = rds.CfnDBCluster(
            Construct(self, "Database"),
            "Resource",
            engine="aurora-postgresql",
            engine_version=_VERSION,
            serverless_v2_scaling_configuration=rds.CfnDBCluster.ServerlessV2ScalingConfigurationProperty(
                min_capacity=least,
                max_capacity=most,
                seconds_until_auto_pause=None if least else _SECONDS_UNTIL_PAUSE,
            ),
            storage_encrypted=True,
            database_name=NAME,
            port=PORT,
            master_username=MASTER_USER,
            master_user_authentication_type=_AUTHENTICATION,
            enable_iam_database_authentication=True,
            db_subnet_group_name=self._subnet_group(vpc, vpc_subnets).ref,
            db_cluster_parameter_group_name=parameters.ref,
            vpc_security_group_ids=[group.security_group_id],
            backup_retention_period=options.backup_retention_days,
            delete_automated_backups=options.removal_policy is cdk.RemovalPolicy.DESTROY,
            deletion_protection=options.deletion_protection,
            copy_tags_to_snapshot=True,
            enable_cloudwatch_logs_exports=["postgresql"],
        )
        cluster.apply_removal_policy(options.removal_policy)
        self._members(cluster, ("Writer", "Reader") if options.copies else ("Writer",))
        self._outputs(cluster.ref, cluster.attr_endpoint_address)
        return DatabaseTarget.of(
            host=cluster.attr_endpoint_address,
            port=PORT,
            resource_id=cluster.attr_db_cluster_resource_id,
            name=NAME,
            user=MASTER_USER,
            application_user=APPLICATION_USER,
            connectable=group,
            reader_host=cluster.attr_read_endpoint_address,
        )

    def _members(self, cluster: rds.CfnDBCluster, names: tuple[str, ...]) -> None:
        """Create the DB instances of a cluster. They are deleted with the stack, because the cluster has the data."""
        before: rds.CfnDBInstance | None = None
        for tier, name in enumerate(names):
            member = rds.CfnDBInstance(
                Construct(self, name),
                "Resource",
                engine="aurora-postgresql",
                db_instance_class="db.serverless",
                db_cluster_identifier=cluster.ref,
                publicly_accessible=False,
                auto_minor_version_upgrade=True,
                promotion_tier=tier,
            )
            member.apply_removal_policy(cdk.RemovalPolicy.DESTROY)
            # The first instance becomes the writer.
            if before is not None:
                member.node.add_dependency(before)
            before = member

    def _security_group(self, vpc: ec2.IVpc) -> ec2.SecurityGroup:
        group = ec2.SecurityGroup(
            self, "SecurityGroup", vpc=vpc, description=f"Database {self.node.path}", allow_all_outbound=False
        )
        cdk.CfnOutput(self, "SecurityGroupId", value=group.security_group_id)
        return group

    def _subnet_group(self, vpc: ec2.IVpc, vpc_subnets: ec2.SubnetSelection) -> rds.CfnDBSubnetGroup:
        return rds.CfnDBSubnetGroup(
            self,
            "Subnets",
            db_subnet_group_description=f"Isolated subnets of {self.node.path}",
            subnet_ids=vpc.select_subnets(subnet_type=vpc_subnets.subnet_type, subnets=vpc_subnets.subnets).subnet_ids,
        )

    def _outputs(self, identifier: str, host: str) -> None:
        cdk.CfnOutput(self, "DatabaseIdentifier", value=identifier)
        cdk.CfnOutput(self, "DatabaseEndpoint", value=f"{host}:{PORT}")


def _parameters() -> dict[str, str]:
    """The parameters: require TLS, and collect statistics of statements."""
    return {"rds.force_ssl": "1", "shared_preload_libraries": "pg_stat_statements"}
