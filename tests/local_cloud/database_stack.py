"""A small stack with a database, and an instance whose role may connect to it."""

import base64
import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.credentials import Credentials
from botocore.session import Session
from botocore.signers import RequestSigner

from local_cloud.instance import sandbox
from local_cloud.stacks import Stacks, Template
from scripts.fetch_servers import postgres_command
from tests.cache_servers import wait_for

PORT = 5433
USER = "cache_admin"
SHOP = "shop"
CREATE_SHOP = (
    f"CREATE ROLE {SHOP} LOGIN; GRANT rds_iam TO {SHOP}; GRANT {SHOP} TO {USER}; "
    f"CREATE SCHEMA shop AUTHORIZATION {SHOP}"
)
REFUSED = "authentication failed for user"


def template(
    properties: Mapping[str, object] | None = None, *, users: tuple[str, ...] = (USER, SHOP), ingress: bool = True
) -> Template:
    """The template of the stack.

    :param properties: properties of the DB instance to add or to change; None removes a property.
    :param users: the database users as which the instance's role may connect.
    """
    instance = {
        "Engine": "postgres",
        "EngineVersion": "17",
        "DBInstanceClass": "db.t4g.micro",
        "AllocatedStorage": "20",
        "DBName": "shop",
        "Port": str(PORT),
        "MasterUsername": USER,
        "MasterUserAuthenticationType": "iam-db-auth",
        "EnableIAMDatabaseAuthentication": True,
        "DBSubnetGroupName": {"Ref": "Subnets"},
        "DBParameterGroupName": {"Ref": "Parameters"},
        "VPCSecurityGroups": [{"Ref": "DatabaseGroup"}],
        **(properties or {}),
    }
    present = {name: value for name, value in instance.items() if value is not None}
    database = {"Type": "AWS::RDS::DBInstance", "DeletionPolicy": "Snapshot", "Properties": present}
    return _around({"Database": database}, "Database", "DbiResourceId", users, ingress)


def aurora(*, users: tuple[str, ...] = (USER, SHOP), members: int = 1) -> Template:
    """The same template with an Aurora cluster."""
    cluster = {
        "Engine": "aurora-postgresql",
        "DatabaseName": "shop",
        "Port": PORT,
        "MasterUsername": USER,
        "MasterUserAuthenticationType": "iam-db-auth",
        "EnableIAMDatabaseAuthentication": True,
        "DBSubnetGroupName": {"Ref": "Subnets"},
        "VpcSecurityGroupIds": [{"Ref": "DatabaseGroup"}],
        "ServerlessV2ScalingConfiguration": {"MinCapacity": 0, "MaxCapacity": 1},
    }
    instance = {
        "Engine": "aurora-postgresql",
        "DBInstanceClass": "db.serverless",
        "DBClusterIdentifier": {"Ref": "Database"},
    }
    resources: dict[str, Any] = {
        "Database": {"Type": "AWS::RDS::DBCluster", "DeletionPolicy": "Snapshot", "Properties": cluster}
    }
    for number in range(members):
        resources[f"Member{number}"] = {"Type": "AWS::RDS::DBInstance", "Properties": instance}
    template = _around(resources, "Database", "DBClusterResourceId", users, True)
    template["Outputs"]["Reader"] = {"Value": {"Fn::GetAtt": ["Database", "ReadEndpoint.Address"]}}
    return template


def _around(resources: dict[str, Any], name: str, resource: str, users: tuple[str, ...], ingress: bool) -> Template:
    rule = {"IpProtocol": "tcp", "FromPort": PORT, "ToPort": PORT, "SourceSecurityGroupId": {"Ref": "ClientGroup"}}
    arn = "arn:aws:rds-db:${AWS::Region}:${AWS::AccountId}:dbuser:${Id}/"
    may = [{"Fn::Sub": [f"{arn}{user}", {"Id": {"Fn::GetAtt": [name, resource]}}]} for user in users]
    allowed = {"Effect": "Allow", "Action": "rds-db:connect", "Resource": may}
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    policy = {"PolicyName": "Connect", "PolicyDocument": {"Version": "2012-10-17", "Statement": [allowed]}}
    parameters = {"rds.force_ssl": "1", "shared_preload_libraries": "pg_stat_statements", "log_statement": "ddl"}

    def resource_of(kind: str, **properties: Any) -> dict[str, Any]:
        return {"Type": kind, "Properties": properties}

    all_resources = {
        "Vpc": resource_of("AWS::EC2::VPC", CidrBlock="10.0.0.0/16"),
        "A": resource_of(
            "AWS::EC2::Subnet", VpcId={"Ref": "Vpc"}, CidrBlock="10.0.0.0/24", AvailabilityZone="us-east-1a"
        ),
        "B": resource_of(
            "AWS::EC2::Subnet", VpcId={"Ref": "Vpc"}, CidrBlock="10.0.1.0/24", AvailabilityZone="us-east-1b"
        ),
        "ClientGroup": resource_of("AWS::EC2::SecurityGroup", GroupDescription="client", VpcId={"Ref": "Vpc"}),
        "DatabaseGroup": resource_of("AWS::EC2::SecurityGroup", GroupDescription="database", VpcId={"Ref": "Vpc"}),
        **(
            {"Ingress": resource_of("AWS::EC2::SecurityGroupIngress", GroupId={"Ref": "DatabaseGroup"}, **rule)}
            if ingress
            else {}
        ),
        "Subnets": resource_of(
            "AWS::RDS::DBSubnetGroup", DBSubnetGroupDescription="two zones", SubnetIds=[{"Ref": "A"}, {"Ref": "B"}]
        ),
        "Parameters": resource_of(
            "AWS::RDS::DBParameterGroup", Description="x", Family="postgres17", Parameters=parameters
        ),
        **resources,
        "Role": resource_of(
            "AWS::IAM::Role",
            AssumeRolePolicyDocument={"Version": "2012-10-17", "Statement": [trust]},
            Policies=[policy],
        ),
        "Profile": resource_of("AWS::IAM::InstanceProfile", Roles=[{"Ref": "Role"}]),
        "Client": {
            "DependsOn": list(resources),
            **resource_of(
                "AWS::EC2::Instance",
                SubnetId={"Ref": "A"},
                SecurityGroupIds=[{"Ref": "ClientGroup"}],
                IamInstanceProfile={"Ref": "Profile"},
                UserData=base64.b64encode(b"true\n").decode(),
            ),
        },
    }
    outputs = {
        "Id": {"Ref": name},
        "Host": {"Fn::GetAtt": [name, "Endpoint.Address"]},
        "Port": {"Fn::GetAtt": [name, "Endpoint.Port"]},
    }
    return {"Resources": all_resources, "Outputs": {key: {"Value": value} for key, value in outputs.items()}}


@dataclass
class Client:
    """The newest instance, and the database to which it connects.

    :param outputs: the outputs of the stack.
    """

    stacks: Stacks
    instance: Path
    outputs: Mapping[str, str]

    @property
    def host(self) -> str:
        return self.outputs["Host"]

    @property
    def port(self) -> int:
        return int(self.outputs["Port"])

    def run(self, line: str) -> str:
        done = subprocess.run(
            sandbox.enter(self.instance, ["bash", "-c", line]), capture_output=True, text=True, check=False, timeout=60
        )
        return (done.stdout + done.stderr).strip()

    def credentials(self) -> Credentials:
        """The credentials of the instance's role, from the metadata service."""
        url = "$AWS_EC2_METADATA_SERVICE_ENDPOINT/latest"
        get = f'curl -s -H "X-aws-ec2-metadata-token: $token" "{url}/meta-data/iam/security-credentials/'
        answer = json.loads(self.run(f'token=$(curl -s -X PUT "{url}/api/token"); {get}$({get}")"'))
        return Credentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer["Token"])

    def token(self, user: str = USER, *, host: str = "", port: int = 0, service: str = "rds-db") -> str:
        """A token that botocore signs with the instance's credentials."""
        session = Session()
        events = session.get_component("event_emitter")
        id = session.get_service_model("rds").service_id
        signer = RequestSigner(id, "us-east-1", service, "v4", self.credentials(), events)
        request = {
            "method": "GET",
            "url": f"https://{host or self.host}:{port or self.port}/?Action=connect&DBUser={user}",
            "body": {},
            "headers": {},
            "context": {},
        }
        url = signer.generate_presigned_url(request, operation_name="connect", expires_in=900, region_name="us-east-1")
        return str(url).removeprefix("https://")

    def psql(
        self,
        sql: str,
        *,
        token: str | None = None,
        user: str = USER,
        host: str = "",
        options: str = "",
        name: str = SHOP,
    ) -> str:
        """The output of a statement, or the error."""
        (program,), _ = postgres_command()
        where = f"host={host or self.host} port={self.port} dbname={name} user={user} connect_timeout=3"
        tls = options or "sslmode=verify-full sslrootcert=$SSL_CERT_FILE"
        secret = self.token(user) if token is None else token
        psql = Path(program).with_name("psql")
        return self.run(f'PGPASSWORD=\'{secret}\' LC_ALL=C {psql} -X -q -A -t "{where} {tls}" -c "{sql}"')


def deployed(stacks: Stacks, name: str, template: Template) -> Client:
    """Deploy the stack, and wait until the user data of its instance has ended."""
    result = stacks.create(name, template)
    assert result.status == "CREATE_COMPLETE", result.reasons
    instance = stacks.session.instances()[-1]
    wait_for((instance / "ended").read_text, "the user data to end")
    return Client(stacks, instance, result.outputs)
