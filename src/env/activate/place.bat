@set "_VIRTUAL_ENV_HERE=@DIR@"
@if "!!"=="" @set "_VIRTUAL_ENV_HERE=@DIR_DELAYED@"
