"""What cdk-nag finds in the database, and why it stays."""

import aws_cdk as cdk
from constructs import IConstruct

from stacks.acknowledgements import acknowledge
from stacks.database import DatabaseOptions

_AWS, _HIPAA, _NIST = "AwsSolutions", "HIPAA.Security", "NIST.800.53.R5"
_BACKUP_PLAN = "RDS takes automated backups itself; a plan of AWS Backup belongs to the account, not to this app."
_MONITORING = "Enhanced monitoring is billed as CloudWatch Logs; RDS reports CPU, memory and connections without it."


def acknowledge_instance(stack: cdk.Stack, options: DatabaseOptions) -> None:
    """The findings of a DB instance."""
    database = _resource(stack, "Database")
    _acknowledge_member(database)
    _acknowledge_protection(database, options)
    if not options.copies:
        reason = "The deployment asks for one zone; database_multi_az=true or preset=production adds a standby."
        acknowledge(database, "RDS3", _AWS, reason=reason)
        acknowledge(database, "RDSMultiAZSupport", _HIPAA, _NIST, reason=reason)
    if options.backup_retention_days == 0:
        reason = "The deployment asks for no automated backups; database_backup_retention_days turns them on."
        acknowledge(database, "RDS13", _AWS, reason=reason)
        acknowledge(database, "RDSInstanceBackupEnabled", _HIPAA, _NIST, reason=reason)


def acknowledge_cluster(stack: cdk.Stack, options: DatabaseOptions) -> None:
    """The findings of an Aurora cluster and its instances."""
    _acknowledge_protection(_resource(stack, "Database"), options)
    for name in ("Writer", "Reader") if options.copies else ("Writer",):
        _acknowledge_member(_resource(stack, name))


def _acknowledge_member(instance: IConstruct) -> None:
    acknowledge(instance, "RDSEnhancedMonitoringEnabled", _HIPAA, _NIST, reason=_MONITORING)
    acknowledge(instance, "RDSInBackupPlan", _HIPAA, _NIST, reason=_BACKUP_PLAN)


def _acknowledge_protection(database: IConstruct, options: DatabaseOptions) -> None:
    if options.deletion_protection:
        return
    reason = "The deployment asks for no deletion protection; deletion_protection=true or preset=production adds it."
    acknowledge(database, "RDS10", _AWS, reason=reason)
    acknowledge(database, "RDSInstanceDeletionProtectionEnabled", _HIPAA, _NIST, reason=reason)


def _resource(stack: cdk.Stack, name: str) -> IConstruct:
    return stack.node.find_child(name).node.find_child("Resource")
