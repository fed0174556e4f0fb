"""Sets of actions that hand out secrets, credentials or data. Names in lower case, as policies are compared.

Sources: the AWS service authorization reference (what each action returns), read November 2026.
"""

from __future__ import annotations

CREDENTIALS = frozenset((
    "chime:createapikey", "codepipeline:pollforjobs", "cognito-identity:getopenidtoken",
    "cognito-identity:getopenidtokenfordeveloperidentity", "cognito-identity:getcredentialsforidentity",
    "connect:getfederationtoken", "connect:getfederationtokens", "ec2:getpassworddata",
    "codeartifact:getauthorizationtoken", "eks-auth:assumeroleforpodidentity",
    "emr-containers:getmanagedendpointsessioncredentials", "gamelift:requestuploadcredentials",
    "gamelift:getcomputeaccess", "gamelift:getinstanceaccess",
    "iam:createaccesskey", "iam:createloginprofile", "iam:createservicespecificcredential",
    "iam:resetservicespecificcredential", "iam:updateaccesskey", "iam:updateloginprofile",
    "lightsail:getinstanceaccessdetails", "lightsail:getrelationaldatabasemasteruserpassword",
    "lightsail:downloaddefaultkeypair", "lightsail:createbucketaccesskey", "lightsail:getbucketaccesskeys",
    "mediapackage:rotatechannelcredentials", "mediapackage:rotateingestendpointcredentials",
    "rds-db:connect", "redshift:getclustercredentials",
    "redshift:getclustercredentialswithiam", "redshift-serverless:getcredentials", "snowball:getjobunlockcode",
    "sso:getrolecredentials", "storagegateway:describechapcredentials", "sts:assumerole",
    "sts:assumerolewithsaml", "sts:assumerolewithwebidentity", "sts:assumeroot", "sts:getfederationtoken",
    "workmail:createimpersonationrole", "grafana:createworkspaceapikey",
    "appsync:createapikey",
))
"""Actions whose answer is a credential: an API key, a password, a token, a pre-signed way in."""

OWN_TOKENS = frozenset(("ecr:getauthorizationtoken", "ecr-public:getauthorizationtoken", "sts:getsessiontoken"))
"""Actions whose answer speaks for the caller alone and that AWS offers for every resource or none."""

EXFILTRATION = frozenset((
    "s3:getobject", "ssm:getparameter", "ssm:getparameters", "ssm:getparametersbypath",
    "secretsmanager:getsecretvalue", "secretsmanager:batchgetsecretvalue", "ssm:getparameterhistory",
))
"""Actions that read stored secrets or objects wholesale."""
