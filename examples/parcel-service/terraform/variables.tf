variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "vpc_id" {
  type = string
}

variable "release_role" {
  type    = string
  default = "parcels-release"
}

variable "support_ports" {
  type    = list(number)
  default = [22, 3389]
}
