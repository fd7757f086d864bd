"""The image of a client's instance, and the launch template that resolves it."""

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._core.names import description

# https://docs.aws.amazon.com/linux/al2023/ug/ec2.html
_IMAGE_PARAMETER: Final = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-"
HTTP_TOKENS: Final = "required"
"""Whether the metadata service asks for a session token."""


def newest_amazon_linux_2023(instance_type: ec2.InstanceType) -> ec2.IMachineImage:
    """The newest Amazon Linux 2023 image, chosen by EC2 when the instance is launched.

    :param instance_type: the type, whose processor architecture the image has.
    """
    arm = instance_type.architecture == ec2.InstanceArchitecture.ARM_64
    return ec2.MachineImage.resolve_ssm_parameter_at_launch(_IMAGE_PARAMETER + ("arm64" if arm else "x86_64"))


def launch_from_template(scope: Construct, instance: ec2.Instance, image: ec2.IMachineImage) -> None:
    """Take the image from a launch template, the one place where CloudFormation documents `resolve:ssm:`.

    An L1, because the L2 puts the stack's tags into the template: a new tag would replace the instance. Its one tag is
    its name.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/create-launch-template.html
    """
    template = ec2.CfnLaunchTemplate(
        scope,
        "Image",
        launch_template_data=ec2.CfnLaunchTemplate.LaunchTemplateDataProperty(
            image_id=image.get_image(scope).image_id,
            metadata_options=ec2.CfnLaunchTemplate.MetadataOptionsProperty(http_tokens=HTTP_TOKENS),
        ),
        tag_specifications=[
            ec2.CfnLaunchTemplate.LaunchTemplateTagSpecificationProperty(
                resource_type="launch-template",
                tags=[cdk.CfnTag(key="Name", value=description("Image of a cache client", scope))],
            )
        ],
    )
    resource = instance.instance
    resource.add_property_deletion_override("ImageId")
    resource.launch_template = ec2.CfnInstance.LaunchTemplateSpecificationProperty(
        version=template.attr_latest_version_number, launch_template_id=template.ref
    )
