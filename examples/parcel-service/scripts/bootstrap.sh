#!/bin/bash
# Prepares a fresh account. Insecure on purpose, see ../../README.md.
set -e

curl -sSL http://tools.example.net/install-agent.sh | sudo bash

aws ec2 authorize-security-group-ingress --group-id sg-0a1b2c3d4e5f60718 --protocol tcp --port 3389 --cidr 0.0.0.0/0
aws iam put-role-policy --role-name parcel-release --policy-name all \
  --policy-document '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'

mysql -h parcels.internal.example.net -u admin -pRt6-wLz94kXe parcels < schema.sql

chmod 777 /opt/parcels
