#!/bin/bash
systemctl stop parcels || true
